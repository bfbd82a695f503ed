"""How an atlas finds neighbours: nothing outside knows which engine proposes them."""
