// SPDX-License-Identifier: Apache-2.0
// A doubly linked list through its own elements: O(1) everywhere, no allocation.
#pragma once

#include "base/assert.h"

namespace gg {

/// Base of anything that can stand in one IntrusiveList. Leaves its list when destroyed.
class ListNode {
 public:
  ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { unlink(); }

  bool is_linked() const { return next_ != nullptr; }

  void unlink() {
    if (next_ == nullptr) return;
    prev_->next_ = next_;
    next_->prev_ = prev_;
    next_ = prev_ = nullptr;
  }

 private:
  template <class T>
  friend class IntrusiveList;

  ListNode* next_ = nullptr;
  ListNode* prev_ = nullptr;
};

/// Does not own its elements. T derives from ListNode.
template <class T>
class IntrusiveList {
 public:
  IntrusiveList() { head_.next_ = head_.prev_ = &head_; }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;
  ~IntrusiveList() {
    while (!empty()) front().unlink();
    head_.next_ = head_.prev_ = nullptr;
  }

  bool empty() const { return head_.next_ == &head_; }
  T& front() {
    GG_ASSERT(!empty());
    return static_cast<T&>(*head_.next_);
  }
  const T& front() const {
    GG_ASSERT(!empty());
    return static_cast<const T&>(*head_.next_);
  }
  T& back() {
    GG_ASSERT(!empty());
    return static_cast<T&>(*head_.prev_);
  }

  /// The one behind `element`, which is in this list; null at the end.
  T* after(T& element) {
    ListNode* next = static_cast<ListNode&>(element).next_;
    return next == &head_ ? nullptr : static_cast<T*>(next);
  }

  void push_back(T& element) { insert_before(head_, element); }
  void push_front(T& element) { insert_before(*head_.next_, element); }

  /// Calls `visit(T&)` for each until it returns false; it changes nothing.
  template <class Visit>
  void for_each_while(Visit visit) {
    for (ListNode* node = head_.next_; node != &head_; node = node->next_) {
      if (!visit(static_cast<T&>(*node))) return;
    }
  }

  /// Calls `visit(T&)` for each; the visited element may unlink itself.
  template <class Visit>
  void for_each(Visit visit) {
    for (ListNode* node = head_.next_; node != &head_;) {
      ListNode* next = node->next_;
      visit(static_cast<T&>(*node));
      node = next;
    }
  }

 private:
  static void insert_before(ListNode& place, ListNode& node) {
    GG_ASSERT(!node.is_linked());
    node.next_ = &place;
    node.prev_ = place.prev_;
    place.prev_->next_ = &node;
    place.prev_ = &node;
  }

  ListNode head_;
};

}  // namespace gg
