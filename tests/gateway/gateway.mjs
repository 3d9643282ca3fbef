#!/usr/bin/env node
/**
 * A Wechaty gateway for the tests: the real `PuppetServer`, with a `PuppetMock` behind it whose account, contacts,
 * rooms and messages are driven over a small HTTP/JSON control API. Both listen on 127.0.0.1 only.
 * See process.py for the Python side.
 */
import { EventEmitter, once } from 'node:events'
import crypto from 'node:crypto'
import http from 'node:http'
import net from 'node:net'
import { parseArgs } from 'node:util'

import { FileBox } from 'file-box'
import { grpc } from 'wechaty-grpc'
import { log, types } from 'wechaty-puppet'
import { PuppetMock, mock } from 'wechaty-puppet-mock'
import { PuppetServer } from 'wechaty-puppet-service'

const HOST = '127.0.0.1'
process.noDeprecation = true                        // PuppetServer calls a deprecated start()
console.info = console.log = console.error          // stdout is for the ready line alone

const OPTIONS = {
  port:      { type: 'string', default: '0' },       // gRPC; account N listens on port + N
  control:   { type: 'string', default: '0' },       // HTTP control API
  accounts:  { type: 'string', default: '1' },
  first:     { type: 'string', default: '0' },       // number of the first account: several gateways, one world
  token:     { type: 'string', default: 'insecure_test' },
  tls:       { type: 'string', default: 'off' },     // on | off
  contacts:  { type: 'string', default: '20' },
  rooms:     { type: 'string', default: '3' },
  members:   { type: 'string', default: '10' },      // people in each room, besides the accounts
  seed:      { type: 'string', default: '1' },
  login:     { type: 'string', default: 'on' },      // on | off (off: starts at the QR code)
  echo:      { type: 'string', default: 'on' },      // on | off: sent messages come back as events
  heartbeat: { type: 'string', default: '15' },      // seconds; the puppet resets after 60 without
  log:       { type: 'string', default: 'silent' },  // silent | error | warn | info | verbose | silly
  'exit-with-stdin': { type: 'boolean', default: false },
}

const SURNAMES = [...'王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗']
const GIVEN = ['伟', '芳', '娜', '秀英', '敏', '静', '丽', '强', '磊', '军', '洋', '勇', '艳', '杰', '娟', '涛', '明', '超', '霞', '平']
const TOPICS = ['产品交流群', '内测用户群', '城市读书会', '亲子互助群', '跑步打卡群', '设计师茶话会', '新手答疑群', '团购通知群']

const fail = message => { throw Object.assign(new Error(message), { status: 400 }) }
const lookup = (map, id, what) => map.get(id) ?? fail(`no such ${what}: ${id}`)
const valueOf = (enumeration, name) => Number.isInteger(enumeration[name]) ? enumeration[name] : fail(`no such type: ${name}`)
const pick = (value, index) => Array.isArray(value) ? value[index % value.length] : value
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))

/** A linear congruential generator: one seed always makes the same world. */
function random (seed) {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** `{ base64 | url | size, name }` of a control request -> FileBox. */
function toFileBox ({ base64, name, size, url }) {
  if (url) return FileBox.fromUrl(url, { name })
  return inline(base64 ? Buffer.from(base64, 'base64') : Buffer.alloc(size ?? 8, 'wechaty '), name ?? 'file.dat')
}

/** PuppetServer cannot send a small buffer box (only a base64 one); a large one it turns into a uuid box. */
const inline = (bytes, name) => FileBox.fromBase64(bytes.toString('base64'), name)

const MEDIA = { gif: 'Emoticon', jpeg: 'Image', jpg: 'Image', mp4: 'Video', png: 'Image', sil: 'Audio', silk: 'Audio' }
const mediaType = name => MEDIA[name.split('.').pop().toLowerCase()] ?? 'Attachment'

/** What a bot sent, short enough for JSON: bodies above 64 KiB are given as a digest only. */
async function describe (file) {
  if (file.remoteUrl) return { name: file.name, url: file.remoteUrl }
  const bytes = await file.toBuffer()
  return {
    name: file.name,
    size: bytes.length,
    sha256: crypto.createHash('sha256').update(bytes).digest('hex'),
    ...(bytes.length <= 65536 && { base64: bytes.toString('base64') }),
  }
}

/** PuppetMock with a memory: what is set can be read back, and everything the bot does is recorded. */
class ScriptedPuppet extends PuppetMock {

  sent = []
  news = new EventEmitter().setMaxListeners(0)
  attachments = new Map()     // message id -> { file, url, miniProgram, contact, location }
  friendships = new Map()
  invitations = new Map()
  roomAliases = new Map()     // `${roomId} ${contactId}` -> alias
  sequence = 0

  constructor (options) {
    super({ mocker: new mock.Mocker() })
    this.setMaxListeners(0)
    this.settings = options
    this.contacts = this.mocker.cacheContactPayload
    this.rooms = this.mocker.cacheRoomPayload
    this.messages = this.mocker.cacheMessagePayload
    this.populate(random(options.seed))
    this.on('error', () => {})
    this.mocker.use(() => this.wake())
  }

  /** The same contacts and rooms for every account: several bots among the same people. */
  populate (next) {
    const { bots: count, contacts, index, members, rooms, seed } = this.settings
    const any = list => list[Math.floor(next() * list.length)]
    const bots = Array.from({ length: count }, (_, i) => this.addContact({ id: `wxid_s${seed}bot${i}`, name: `机器人${i}` }).id)
    const people = Array.from({ length: contacts }, (_, i) => this.addContact({
      id: `wxid_s${seed}c${i}`,
      name: any(SURNAMES) + any(GIVEN),
      gender: 1 + Math.floor(next() * 2),
      handle: `handle${i}`,
      phone: [`1380000${String(i).padStart(4, '0')}`],
    }).id)
    this.selfId = bots[index]
    this.people = people
    for (let i = 0; i < rooms; i++) {
      const start = Math.floor(next() * contacts)
      const others = Array.from({ length: Math.min(members, contacts) }, (_, k) => people[(start + k) % contacts])
      this.addRoom({
        id: `${seed}${String(i).padStart(7, '0')}@chatroom`,
        topic: `${TOPICS[i % TOPICS.length]}${Math.floor(i / TOPICS.length) + 1}`,
        memberIdList: [...bots, ...others],
        ownerId: others[0],
      })
    }
  }

  /** One run of the account, from start() to stop(): heartbeats, and the login if it is automatic. */
  wake () {
    const beat = setInterval(() => this.emit('heartbeat', { data: 'alive' }), this.settings.heartbeat * 1000)
    this.emit('heartbeat', { data: 'started' })
    if (this.settings.login) this.enter()
    else this.scan({})
    return () => clearInterval(beat)
  }

  enter () {
    if (this.isLoggedIn) return
    this.login(this.selfId)
    this.emit('ready', { data: 'ready' })
  }

  scan ({ qrcode = 'https://login.invalid/qr', status = 'Waiting' }) {
    this.emit('scan', { qrcode, status: valueOf(types.ScanStatus, status) })
  }

  /** Logs out and in again with new ids for every contact, as some protocols do; names and aliases stay. */
  async relogin ({ seed }) {
    await PuppetMock.prototype.logout.call(this, 'logged in elsewhere')
    const ids = Object.fromEntries([...this.contacts.keys()].map((id, i) => [id, `wxid_r${seed}x${i}`]))
    for (const [old, fresh] of Object.entries(ids)) {
      const contact = this.contacts.get(old)
      this.contacts.delete(old)
      this.mocker.ContactMock.create({ ...contact, id: fresh })
    }
    for (const room of this.rooms.values()) {
      room.memberIdList = room.memberIdList.map(id => ids[id])
      room.ownerId = ids[room.ownerId]
    }
    this.roomAliases = new Map([...this.roomAliases].map(([key, alias]) => {
      const [room, id] = key.split(' ')
      return [`${room} ${ids[id]}`, alias]
    }))
    this.people = this.people.map(id => ids[id])
    this.selfId = ids[this.selfId]
    this.enter()
    return ids
  }

  get streaming () {          // only the event stream of a connected client listens to `dong`
    return this.listenerCount('dong') > 0
  }

  newId (kind) {
    return `${kind}${this.settings.index}_${++this.sequence}`
  }

  record (action, detail = {}) {
    this.sent.push({ seq: this.sent.length + 1, at: Date.now(), action, ...detail })
    this.news.emit('sent')
  }

  // ---- the world ---------------------------------------------------------------------------

  addContact (payload) {
    const contact = {
      id: this.newId('wxid_n'), name: '新朋友', type: types.Contact.Individual, gender: 0, friend: true,
      avatar: '', alias: '', handle: '', phone: [], signature: '', star: false, ...payload,
    }
    if (this.contacts.has(contact.id)) fail(`contact exists: ${contact.id}`)
    this.mocker.ContactMock.create(contact)
    return contact
  }

  addRoom (payload) {
    const room = { id: `${this.newId('9')}@chatroom`, topic: '新群', adminIdList: [], memberIdList: [this.selfId], ...payload }
    if (this.rooms.has(room.id)) fail(`room exists: ${room.id}`)
    room.memberIdList.forEach(id => lookup(this.contacts, id, 'contact'))
    this.mocker.RoomMock.create(room)
    return room
  }

  /** Stores a message and, unless told not to, tells the connected client about it. */
  deliver ({ contact, conversation, file, location, mentions = [], miniProgram, text = '', type, url, ...rest }, silent = false) {
    const talkerId = rest.from ?? this.selfId
    const target = conversation ?? rest.room ?? rest.to ?? this.selfId
    lookup(this.contacts, talkerId, 'contact')
    const inRoom = this.rooms.has(target)
    if (!inRoom) lookup(this.contacts, target, 'contact or room')
    const box = file && (FileBox.valid(file) ? file : toFileBox(file))
    const kind = type ?? (box ? mediaType(box.name) : url ? 'Url' : miniProgram ? 'MiniProgram' : contact ? 'Contact' : location ? 'Location' : 'Text')
    const payload = {
      id: rest.id ?? this.newId('msg'),
      type: valueOf(types.Message, kind),
      talkerId,
      text,
      timestamp: rest.timestamp ?? Date.now(),
      ...(box && { filename: box.name }),
      ...(inRoom ? { mentionIdList: mentions, roomId: target } : { listenerId: target }),
    }
    this.attachments.set(payload.id, { contact, file: box, location, miniProgram, url })
    this.mocker.MessageMock.create(payload)
    if (!silent) this.emit('message', { messageId: payload.id })
    return payload
  }

  befriend ({ from, hello = '', type = 'Receive', ...rest }) {
    lookup(this.contacts, from, 'contact')
    const id = rest.id ?? this.newId('friendship')
    this.friendships.set(id, { contactId: from, hello, id, scene: 0, stranger: '', ticket: `ticket-${id}`, timestamp: Date.now(), type: valueOf(types.Friendship, type) })
    this.emit('friendship', { friendshipId: id })
    return { id }
  }

  inviteToRoom ({ from, members = [], topic, ...rest }) {
    lookup(this.contacts, from, 'contact')
    const id = rest.id ?? this.newId('invitation')
    this.invitations.set(id, {
      avatar: '', id, invitation: '', inviterId: from, memberCount: members.length, memberIdList: members,
      receiverId: this.selfId, timestamp: Date.now(), topic,
    })
    this.emit('room-invite', { roomInvitationId: id })
    return { id }
  }

  joinRoom ({ room, members, by = this.selfId, timestamp = Date.now() }) {
    const payload = lookup(this.rooms, room, 'room')
    members.forEach(id => lookup(this.contacts, id, 'contact'))
    payload.memberIdList.push(...members.filter(id => !payload.memberIdList.includes(id)))
    this.changedRoom(room)
    this.emitAfterDirty('room-join', { inviteeIdList: members, inviterId: by, roomId: room, timestamp })
  }

  leaveRoom ({ room, members, by = this.selfId, timestamp = Date.now() }) {
    const payload = lookup(this.rooms, room, 'room')
    payload.memberIdList = payload.memberIdList.filter(id => !members.includes(id))
    this.changedRoom(room)
    this.emitAfterDirty('room-leave', { removeeIdList: members, removerId: by, roomId: room, timestamp })
  }

  renameRoom ({ room, topic, by = this.selfId, timestamp = Date.now() }) {
    const payload = lookup(this.rooms, room, 'room')
    const oldTopic = payload.topic
    payload.topic = topic
    this.changedRoom(room)
    this.emitAfterDirty('room-topic', { changerId: by, newTopic: topic, oldTopic, roomId: room, timestamp })
  }

  changedRoom (id) {
    this.dirtyPayload(types.Dirty.Room, id)
    this.dirtyPayload(types.Dirty.RoomMember, id)
  }

  emitAfterDirty (...event) { setImmediate(() => this.emit(...event)) }      // dirtyPayload() waits for one, too

  changeContact (id, changes) {
    Object.assign(lookup(this.contacts, id, 'contact'), changes)
    this.dirtyPayload(types.Dirty.Contact, id)
  }

  // ---- what the bot asks for ---------------------------------------------------------------

  send (action, conversation, content, detail = content) {
    if (!this.isLoggedIn) throw new Error('not logged in')
    const { id } = this.deliver({ conversation, ...content }, !this.settings.echo)
    this.record(action, { id, conversation, ...detail })
    return id
  }

  async messageSendText (to, text, mentions = []) { return this.send('text', to, { mentions, text }) }
  async messageSendUrl (to, url) { return this.send('url', to, { url }) }
  async messageSendMiniProgram (to, miniProgram) { return this.send('miniProgram', to, { miniProgram }) }
  async messageSendContact (to, contact) { return this.send('contact', to, { contact }) }
  async messageSendFile (to, file) {
    const kept = file.remoteUrl ? file : inline(await file.toBuffer(), file.name)
    return this.send('file', to, { file: kept }, { file: await describe(kept) })
  }

  /** As WeChat does: one's own message, within two minutes. */
  async messageRecall (id) {
    const message = this.messages.get(id)
    if (!message || message.talkerId !== this.selfId || Date.now() - message.timestamp > 120_000) return false
    this.record('recall', { id, conversation: message.roomId ?? message.listenerId })
    return true
  }

  attachment (id, kind) { return this.attachments.get(id)?.[kind] ?? fail(`message ${id} has no ${kind}`) }
  async messageFile (id) { return this.attachment(id, 'file') }
  async messageImage (id) { return this.attachment(id, 'file') }
  async messageUrl (id) { return this.attachment(id, 'url') }
  async messageMiniProgram (id) { return this.attachment(id, 'miniProgram') }
  async messageContact (id) { return this.attachment(id, 'contact') }

  async contactAlias (id, alias) {
    if (alias === undefined) return lookup(this.contacts, id, 'contact').alias
    this.changeContact(id, { alias: alias ?? '' })
    this.record('contactAlias', { alias, contact: id })
  }


  async friendshipRawPayload (id) { return lookup(this.friendships, id, 'friendship') }
  async friendshipAccept (id) {
    const { contactId } = lookup(this.friendships, id, 'friendship')
    this.record('friendshipAccept', { contact: contactId, id })
    this.changeContact(contactId, { friend: true })
    this.befriend({ from: contactId, type: 'Confirm' })
  }


  async roomInvitationRawPayload (id) { return lookup(this.invitations, id, 'invitation') }
  async roomInvitationAccept (id) {
    const { inviterId, memberIdList, topic } = lookup(this.invitations, id, 'invitation')
    this.record('roomInvitationAccept', { id })
    const room = this.addRoom({ memberIdList: [...new Set([inviterId, ...memberIdList])], ownerId: inviterId, topic })
    this.joinRoom({ by: inviterId, members: [this.selfId], room: room.id })
  }

  async roomMemberList (room) { return lookup(this.rooms, room, 'room').memberIdList }
  async roomMemberRawPayload (room, id) {
    const { avatar, name } = lookup(this.contacts, id, 'contact')
    return { avatar, id, name, roomAlias: this.roomAliases.get(`${room} ${id}`) ?? '' }
  }

  async logout (reason) { this.record('logout'); await super.logout(reason) }

}

// ---- the gRPC server: counted calls, and faults on request -----------------------------------

const gates = new WeakMap()   // grpc.Server -> { calls, faults }
const addService = grpc.Server.prototype.addService
grpc.Server.prototype.addService = function (service, handlers) {
  const gated = Object.entries(handlers).map(([name, handler]) => [name, async (call, callback) => {
    const gate = gates.get(this)
    gate.calls[name] = (gate.calls[name] ?? 0) + 1
    const fault = gate.faults.find(one => one.times > 0 && [name, '*'].includes(one.method))
    if (!fault) return handler(call, callback)
    fault.times--
    const error = { code: fault.code, details: fault.details ?? 'injected fault' }
    if (fault.after) return handler(call, () => fault.code !== undefined && callback(error))   // done, but the answer is lost
    await sleep(fault.delayMs ?? 0)
    if (fault.code === undefined) return handler(call, callback)
    callback ? callback(error) : call.emit('error', error)
  }])
  return addService.call(this, service, Object.fromEntries(gated))
}

class Account {

  gate = { calls: {}, faults: [] }

  constructor (options) {
    Object.assign(this, options)
    this.puppet = new ScriptedPuppet(options)
  }

  async listen () {
    this.server = new PuppetServer({
      endpoint: `${HOST}:${this.port}`, puppet: this.puppet, tls: { disable: !this.tls }, token: this.token,
    })
    await this.server.start()
    gates.set(this.server.grpcServer, this.gate)
  }

  async disconnect ({ downMs = 0 }) {
    await this.server.stop()
    await sleep(downMs)
    await this.listen()
  }

  state () {
    const { puppet } = this
    return {
      account: this.index, endpoint: `${HOST}:${this.port}`, token: this.token, tls: this.tls,
      selfId: puppet.selfId, loggedIn: puppet.isLoggedIn, streaming: puppet.streaming,
      contacts: puppet.contacts.size, rooms: puppet.rooms.size, messages: puppet.messages.size, sent: puppet.sent.length,
    }
  }

  /** `count` messages, `rate` a second (0: as fast as possible); lists in from/room/to are taken in turn. */
  async inject ({ count = 1, rate = 0, ...message }) {
    if (message.from === '*') message.from = this.puppet.people
    if (message.room === '*') message.room = [...this.puppet.rooms.keys()]
    const started = performance.now()
    const ids = []
    for (let i = 0; i < count; i++) {
      if (rate) await sleep(Math.max(0, started + i * 1000 / rate - performance.now()))
      else if (i % 100 === 99) await new Promise(setImmediate)
      const one = { ...message, text: (message.text ?? '').replaceAll('{i}', i) }
      for (const key of ['from', 'room', 'to']) if (key in one) one[key] = pick(one[key], i)
      ids.push(this.puppet.deliver(one).id)
    }
    return count === 1 ? { id: ids[0] } : { ids }
  }

  async sentAfter ({ after = 0, wait = 0 }) {
    const { news, sent } = this.puppet
    if (sent.length <= after && wait > 0) {
      await once(news, 'sent', { signal: AbortSignal.timeout(Number(wait)) }).catch(() => {})
    }
    return sent.slice(after)
  }

}

// ---- the control API -------------------------------------------------------------------------

const ROUTES = {
  'GET state':         account => account.state(),
  'GET contacts':      ({ puppet }) => [...puppet.contacts.values()],
  'GET rooms':         ({ puppet }) => [...puppet.rooms.values()],
  'GET messages':      ({ puppet }) => [...puppet.messages.values()],
  'GET sent':          (account, query) => account.sentAfter(query),
  'GET calls':         ({ gate }) => gate.calls,
  'GET ca':            async () => ({ pem: (await import(new URL('auth/ca.js', import.meta.resolve('wechaty-puppet-service')))).TLS_CA_CERT, serverName: 'insecure' }),
  'DELETE sent':       ({ puppet }) => { puppet.sent.length = 0 },
  'DELETE calls':      ({ gate }) => { gate.calls = {} },
  'DELETE faults':     ({ gate }) => { gate.faults = [] },
  'POST contacts':     ({ puppet }, body) => puppet.addContact(body),
  'PATCH contacts':    ({ puppet }, { id, ...changes }) => puppet.changeContact(id, changes),
  'POST rooms':        ({ puppet }, body) => puppet.addRoom(body),
  'POST room-alias':   ({ puppet }, { room, contact, alias }) => { puppet.roomAliases.set(`${room} ${contact}`, alias); puppet.changedRoom(room) },
  'POST messages':     (account, body) => account.inject(body),
  'POST friendship':   ({ puppet }, body) => puppet.befriend(body),
  'POST room-invite':  ({ puppet }, body) => puppet.inviteToRoom(body),
  'POST room-join':    ({ puppet }, body) => puppet.joinRoom(body),
  'POST room-leave':   ({ puppet }, body) => puppet.leaveRoom(body),
  'POST room-topic':   ({ puppet }, body) => puppet.renameRoom(body),
  'POST scan':         ({ puppet }, body) => puppet.scan(body),
  'POST login':        ({ puppet }) => puppet.enter(),
  'POST logout':       ({ puppet }, { reason = 'logged out on the phone' }) => PuppetMock.prototype.logout.call(puppet, reason),
  'POST redeliver':    ({ puppet }, { ids }) => ids.forEach(messageId => puppet.emit('message', { messageId })),
  'POST event':        ({ puppet }, { name, payload }) => { puppet.emit(name, payload) },
  'POST relogin':     ({ puppet }, body) => puppet.relogin(body),
  'POST disconnect':   (account, body) => account.disconnect(body),
  'POST faults':       ({ gate }, { times = 1, method = '*', ...rest }) => { gate.faults.push({ method, times, ...rest }) },
}

async function readJson (request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return chunks.length ? JSON.parse(Buffer.concat(chunks)) : {}
}

function controlServer (accounts) {
  return http.createServer(async (request, response) => {
    const reply = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body ?? { ok: true }))
    }
    try {
      const url = new URL(request.url, `http://${HOST}`)
      const [, index = '0', name] = /^(?:\/a\/(\d+))?\/([a-z-]*)$/.exec(url.pathname) ?? []
      if (name === '') return reply(200, accounts.map(account => account.state()))
      const route = ROUTES[`${request.method} ${name}`]
      const account = accounts[Number(index)]
      if (!route || !account) return reply(404, { error: `no such route: ${request.method} ${url.pathname}` })
      const body = request.method === 'GET' ? Object.fromEntries(url.searchParams) : await readJson(request)
      reply(200, await route(account, body))
    } catch (error) {
      reply(error.status ?? (error instanceof SyntaxError ? 400 : 500), { error: error.message })
    }
  })
}

async function freePorts (count) {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, HOST))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const ports = servers.map(server => server.address().port)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}

async function main () {
  const flags = parseArgs({ options: OPTIONS }).values
  const number = name => /^\d+$/.test(flags[name]) ? Number(flags[name]) : fail(`--${name} wants a number`)
  const isOn = name => ({ off: false, on: true })[flags[name]] ?? fail(`--${name} wants on or off`)
  log.level(flags.log)

  const count = number('accounts')
  const base = number('port')
  const ports = base ? Array.from({ length: count }, (_, i) => base + i) : await freePorts(count)
  const first = number('first')
  const accounts = ports.map((port, i) => new Account({
    bots: first + count, index: first + i, port, tls: isOn('tls'), token: count > 1 ? `${flags.token}${first + i}` : flags.token,
    contacts: number('contacts'), rooms: number('rooms'), members: number('members'), seed: number('seed'),
    login: isOn('login'), echo: isOn('echo'), heartbeat: number('heartbeat'),
  }))
  for (const account of accounts) {
    await account.listen()
    await account.puppet.start()
  }

  const control = controlServer(accounts).listen(number('control'), HOST)
  await once(control, 'listening')
  await sleep(0)                                    // the last account logs in a turn after start()
  const stop = async () => {
    await Promise.allSettled(accounts.map(account => account.server.stop()))
    process.exit(0)
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  if (flags['exit-with-stdin']) process.stdin.on('end', stop).resume()
  process.stdout.write(JSON.stringify({
    control: `http://${HOST}:${control.address().port}`,
    accounts: accounts.map(account => account.state()),
  }) + '\n')
}

main().catch(error => {
  console.error(error.message)
  process.exit(2)
})
