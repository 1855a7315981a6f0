"""Parts the services share: windows, calls, admission, replay, settlement, survival."""
