"""What the app of the matrix is told: the password that makes it compare origins, and the token of its probes."""

PASSWORD = "a password for the matrix only"
TOKEN = "a-token-for-the-matrix-only"
