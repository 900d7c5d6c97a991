//! What is allowed: pure rules over plain values. Time is an argument, and nothing here can fail or wait.

pub mod access;
pub mod session;
pub mod throttle;
