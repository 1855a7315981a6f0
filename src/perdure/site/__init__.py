"""What stands there: load, generation, weather and grid connection behind one meter."""
