//! What is only so on PostgreSQL: connections that die, heartbeats, starters, what may be in a text.

mod connection;
mod heartbeat;
mod migration;
mod proxy;
mod text;
