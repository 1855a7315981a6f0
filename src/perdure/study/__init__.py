"""What if: cases read from files, answered and reported."""
