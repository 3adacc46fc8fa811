"""What the desk and the bureau's overview show, computed set by set from the floors' rows."""
