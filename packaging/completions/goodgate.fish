# Completion of goodgate's commands and options in fish. What there is, the program says itself.
function __goodgate_words
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    for line in ($typed[1] --complete $typed[2..] "$current" 2>/dev/null)
        if test "$line" = ":file"
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c goodgate -f -a '(__goodgate_words)'
