"""hormesis: how much bad data makes a good model?"""
