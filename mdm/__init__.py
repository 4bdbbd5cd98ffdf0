"""The finance master data hub: golden records, how they come to be, and who may see them."""
