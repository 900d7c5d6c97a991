// Puts employees, as rosterd lists them, into the databases of the peers.
//
//   node load.js EMPLOYEES.json FASTIFY.db POCKETBASE.db
import Database from 'better-sqlite3';
import { readFileSync } from 'node:fs';
import { COLUMNS } from './columns.js';

const [employees, fastify, pocketbase] = process.argv.slice(2);
const rows = JSON.parse(readFileSync(employees, 'utf8'));

// Inserts all employees into a database; `idOf` makes an id, and `missing` stands for no value.
function load(file, idOf, missing) {
  const database = new Database(file);
  const names = ['id', ...COLUMNS];
  const insert = database.prepare(`INSERT INTO employees (${names}) VALUES (${names.map(() => '?')})`);
  const text = (value) => (value === null ? missing : String(value));
  database.transaction(() => {
    for (const row of rows) insert.run(idOf(row.id), ...COLUMNS.map((column) => text(row[column])));
  })();
  database.exec('ANALYZE');
  database.close();
}

const own = new Database(fastify);
own.exec(`CREATE TABLE employees (id INTEGER PRIMARY KEY, ${COLUMNS.map((column) => `${column} TEXT`)});
  CREATE INDEX by_lastname ON employees (lastname, id)`);
own.close();
load(fastify, (id) => id, null);
// PocketBase has ids of fifteen characters, and empty texts instead of nulls.
load(pocketbase, (id) => String(id).padStart(15, '0'), '');
