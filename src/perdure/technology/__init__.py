"""What a store is: physics, ageing, heat, converter, cost, and the tables the rest reads."""
