// A directory of employees as a team of Node users would write it: Fastify, JSON web tokens, and SQLite.
//
//   node fastify.js DATABASE
//
// Prints its address and an access token, a line each.
import jwt from '@fastify/jwt';
import Database from 'better-sqlite3';
import Fastify from 'fastify';
import { randomBytes } from 'node:crypto';
import { COLUMNS } from './columns.js';

const database = new Database(process.argv[2]);
database.pragma('journal_mode = WAL');
// Each commit waits for the disk, as rosterd's do.
database.pragma('synchronous = FULL');
const one = database.prepare('SELECT * FROM employees WHERE id = ?');
const page = database.prepare('SELECT * FROM employees ORDER BY lastname, id LIMIT ? OFFSET ?');
const total = database.prepare('SELECT count(*) AS total FROM employees');
const create = database.prepare(
  `INSERT INTO employees (${COLUMNS}) VALUES (${COLUMNS.map((column) => `@${column}`)})`,
);

const server = Fastify();
await server.register(jwt, { secret: randomBytes(32) });
server.addHook('onRequest', (request) => request.jwtVerify());
server.get('/employees/:id', (request, reply) => one.get(request.params.id) ?? reply.code(404).send());
server.get('/employees', ({ query }) => ({
  total: total.get().total,
  employees: page.all(Number(query.limit), Number(query.offset)),
}));
server.post('/employees', ({ body }, reply) => {
  const values = Object.fromEntries(COLUMNS.map((column) => [column, body[column] ?? null]));
  const { lastInsertRowid } = create.run(values);
  return reply.code(201).send(one.get(lastInsertRowid));
});
console.log(await server.listen({ host: '127.0.0.1', port: 0 }));
console.log(server.jwt.sign({ user: 'bench' }, { expiresIn: '12h' }));
