# SPDX-License-Identifier: Apache-2.0
"""What the fault suite is built of: origins that fail on demand, gateways, clients, the oracle."""
