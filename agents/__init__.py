"""The outside: Faust hops, one a file, the board that shows what they wrote, the commands."""
