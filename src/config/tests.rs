//! Whole configurations: what is read from them, and what is said about their mistakes.
