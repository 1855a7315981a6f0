"""Reports of an answered case: words, tables and figures for a page to keep and a terminal to glance at."""
