//! Schemas of usernames and passwords in requests.

use schemars::{Schema, SchemaGenerator, json_schema};

use crate::account::{NewPassword, Username};

/// A new password. JSON Schema counts characters and the rule counts bytes, so these limits are the
/// widest that the rule can allow.
pub(crate) fn new_password(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "description": format!(
            "{} to {} bytes in UTF-8, and not one of the most common passwords.",
            NewPassword::MIN_BYTES, NewPassword::MAX_BYTES,
        ),
        "type": "string",
        "format": "password",
        "minLength": NewPassword::MIN_BYTES.div_ceil(4),
        "maxLength": NewPassword::MAX_BYTES,
    })
}

/// A username as a client may send it: the server folds it to lower case and trims it.
pub(crate) fn typed_username(_: &mut SchemaGenerator) -> Schema {
    let rest = Username::MAX_CHARS - 1;
    json_schema!({
        "type": "string",
        "pattern": format!("^\\s*[A-Za-z0-9][A-Za-z0-9._@-]{{0,{rest}}}\\s*$"),
    })
}
