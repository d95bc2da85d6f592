//! Tests of the verification pipeline, the whole application over HTTP, the program, and the text
//! of the source and the documents.

#[path = "../support/mod.rs"]
mod support;

mod addresses;
mod api;
mod audit;
mod busy;
mod console;
mod credentials;
mod documents;
mod door;
mod flood;
mod floods;
mod go;
mod grants;
mod headers;
mod heads;
mod inspect;
mod log;
mod login;
mod logout;
mod meanwhile;
mod memory;
mod metadata;
mod persons;
mod printed;
mod program;
mod relay_state;
mod reload;
mod request;
mod rooms;
mod saml;
mod secrets;
mod security_txt;
mod service;
mod several;
mod several_idps;
mod shutdown;
mod siege;
mod signals;
mod structure;
mod switch;
mod tabs;
mod tools;
mod trail;
mod used;
mod users;
mod words;
