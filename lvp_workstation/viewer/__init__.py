"""Qt widgets that show images: viewports, the grid, tools, linked cursors, hanging protocols.

Widgets emit intents (signals) and receive read-only state (setters); they change no data.
"""
