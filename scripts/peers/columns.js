// The fields of an employee, which all peers keep as text.
export const COLUMNS = [
  'firstname', 'lastname', 'email', 'phone', 'title', 'department', 'location', 'manager', 'status', 'hired', 'number',
  'notes',
];
