//! Small steps that flows and screens share. They open no screen, and use neither flows nor
//! screens.

pub(super) mod call;
pub(super) mod cursor;
pub(super) mod edit;
pub(super) mod form;
pub(super) mod leave;
pub(super) mod load;
pub(super) mod message;
pub(super) mod names;
pub(super) mod propose;
pub(super) mod related;
