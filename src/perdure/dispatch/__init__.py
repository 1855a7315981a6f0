"""What to do: the exact method, the program behind it, and the schedule both give."""
