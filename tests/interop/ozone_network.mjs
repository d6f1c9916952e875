// A whole AT Protocol network with an Ozone on loopback, with people and two moderators in it.
// Copied beside the installed @atproto/dev-env, started with the ports in its environment.
import net from 'node:net'
import fs from 'node:fs'
import http from 'node:http'

// The network listens on every interface: only loopback is wanted.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  const [first] = args
  if (first && typeof first === 'object')
    return listen.call(this, 'port' in first && !first.host ? { ...first, host: '127.0.0.1' } : first, ...args.slice(1))
  if (typeof first === 'string' && !/^\d+$/.test(first)) return listen.apply(this, args)
  const port = typeof first === 'function' || first == null ? 0 : Number(first)
  const host = typeof args[1] === 'string' ? args[1] : '127.0.0.1'
  return listen.call(this, { port, host }, args.find((arg) => typeof arg === 'function'))
}

const env = process.env
const { TestNetwork } = await import('@atproto/dev-env')
// Stands in for the service that Ozone hands diverted media to: it takes what comes, and lists it.
const diverted = []
const shelf = http.createServer((request, answer) => {
  if (request.method === 'GET') return answer.end(JSON.stringify(diverted))
  const { searchParams } = new URL(request.url, 'http://shelf')
  request.resume().on('end', () => { diverted.push(searchParams.get('uri')); answer.end() })
})
await new Promise((open) => shelf.listen(0, '127.0.0.1', open))
const shelfUrl = `http://127.0.0.1:${shelf.address().port}`
const network = await TestNetwork.create({
  dbPostgresSchema: 'net',
  plc: { port: +env.PLC },
  pds: { port: +env.PDS, hostname: 'localhost', enableDidDocWithSession: true },
  bsky: { port: +env.BSKY, publicUrl: `http://localhost:${env.BSKY}`, dbPostgresSchema: 'bsky' },
  ozone: {
    port: +env.OZONE, dbMaterializedViewRefreshIntervalMs: 5000,
    blobDivertUrl: shelfUrl, blobDivertAdminPassword: 'shelf-pass',
  },
})
// Ozone sorts reports into its list once a minute: here it does so every second.
const router = setInterval(() => network.ozone.daemon.ctx.queueRouter.routeReports().catch(() => {}), 1000)
const stop = async () => {
  clearInterval(router)
  setTimeout(() => process.exit(0), 8000).unref()
  try { await network.close() } catch {}
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)

const post = async (base, method, body, headers = {}) => {
  const answer = await fetch(`${base}/xrpc/${method}`, {
    method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body),
  })
  const told = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Error(`${method} ${answer.status} ${JSON.stringify(told)}`)
  return told
}
const people = {}
for (const name of ['alice', 'bob', 'carla', 'mod', 'senior']) {
  const account = { handle: `${name}.test`, email: `${name}@example.test`, password: `${name}-pw` }
  people[name] = await post(network.pds.url, 'com.atproto.server.createAccount', account)
}
const admin = { authorization: 'Basic ' + Buffer.from('admin:admin-pass').toString('base64') }
for (const [name, role] of [['mod', 'Moderator'], ['senior', 'Admin']])
  await post(network.ozone.url, 'tools.ozone.team.addMember',
    { did: people[name].did, role: `tools.ozone.team.defs#role${role}` }, admin)
await network.processAll()
const told = {
  url: network.pds.url,
  labeler: network.ozone.ctx.cfg.service.did,
  shelf: shelfUrl,
  people: Object.fromEntries(Object.entries(people).map(([name, one]) => [name, { did: one.did, token: one.accessJwt }])),
}
fs.writeFileSync(env.READY + '.new', JSON.stringify(told))
fs.renameSync(env.READY + '.new', env.READY)
