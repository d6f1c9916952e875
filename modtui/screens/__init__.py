"""The rooms of modtui: Queue, Thread, Deliveries, Accounts, and the dialogs."""
