"""What modtui asks before it acts. A dialog returns commands; the screen below submits them."""
