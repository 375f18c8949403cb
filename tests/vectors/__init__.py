"""What any verifier of ours must answer, and the script that wrote it down."""
