"""What every framework must do, in the same words for all of them."""
