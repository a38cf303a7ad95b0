// @ts-check
/** Every text of the start page and of the editor page. */
export const texts = {
  title: 'Scratch MQTT',
  lead:
    'Blocks that let a Scratch project exchange messages with an ESP32 or Arduino board, a Python program or ' +
    'the project on the next table. Everyone connects to the same broker, which hands each message ' +
    'to all who asked for its topic.',
  blocks: {
    title: 'Use the blocks',
    editor: 'Open the Scratch editor with the MQTT blocks',
    elsewhere:
      'In TurboWarp and other editors with custom extensions, load the extension from this address:',
    address: 'Address of the extension',
    copy: 'Copy',
    copied: 'Copied',
    notCopied: 'Press Ctrl+C to copy',
  },
  local: {
    title: 'The broker on this computer',
    explanation:
      'It runs as long as npm start does. No user name is needed; guest with password test works too.',
    webSocket: 'Scratch and other web pages',
    tcp: 'Boards and programs',
  },
  console: {
    title: 'Try it here',
    explanation:
      'Connect, subscribe to a topic, then publish to it: from here, from Scratch or from a board.',
    address: 'Broker',
    username: 'User name',
    password: 'Password',
    connect: 'Connect',
    disconnect: 'Disconnect',
    filter: 'Topic to listen to (# stands for everything below)',
    subscribe: 'Subscribe',
    filters: 'Subscribed topics',
    /** @param {string} filter */
    unsubscribe: (filter) => `Unsubscribe from ${filter}`,
    topic: 'Topic',
    message: 'Message',
    qos: 'QoS',
    qos0: '0 (at most once)',
    qos1: '1 (at least once)',
    qos2: '2 (exactly once)',
    retain: 'Retain',
    publish: 'Publish',
    messages: 'Messages',
    clear: 'Clear',
    retained: 'retained',
    /** @param {number} bytes @param {string} hex */
    notText: (bytes, hex) => `${bytes} bytes that are not text: ${hex}`,
    /** @param {number} shown @param {number} all */
    count: (shown, all) => (all > shown ? `the last ${shown} of ${all}` : `${all}`),
  },
  status: {
    loading: 'Loading …',
    notLoaded: 'The MQTT client could not be loaded. Reload the page, or run npm start again.',
    closed: 'Not connected.',
    connecting: 'Connecting …',
    closing: 'Disconnecting …',
    /** @param {string} broker */
    connected: (broker) => `Connected to ${broker}.`,
    /** @param {string} why @param {number} seconds */
    waiting: (why, seconds) => `${why} Trying again in ${seconds} s.`,
    /** @param {string} topic */
    published: (topic) => `Published to ${topic}.`,
    /** @param {string} topic */
    queued: (topic) => `Not connected: the message to ${topic} is sent when the connection is up.`,
    /** @param {string} topic */
    notPublished: (topic) => `The message to ${topic} could not be delivered.`,
    /** @param {string} filter @param {number} qos */
    subscribed: (filter, qos) => `Listening to ${filter} with QoS ${qos}.`,
    /** @param {string} filter */
    notSubscribed: (filter) => `The broker refused the topic ${filter}.`,
    /** @param {number} count */
    dropped: (count) => `${count} messages were dropped because too many came at once.`,
  },
  /** @type {Record<string, string>} Why a connection ended, by the code of the reason. */
  reasons: {
    closed: 'Not connected.',
    'address-refused': 'The browser does not allow this address: a page from https needs wss://.',
    'never-opened': 'No broker answered. Check the address and the network.',
    'closed-before-connack': 'Something answered, but it is not an MQTT broker.',
    lost: 'The connection was lost.',
    'connect-timeout': 'The broker took too long to answer.',
    'ping-timeout': 'The broker no longer answers.',
    refused: 'The broker refused the connection. Check the user name and the password.',
    disconnected: 'The broker ended the connection.',
    'name-in-use': 'Another program connected with the same client id.',
    protocol: 'The broker sent something that is not MQTT.',
  },
  /** @type {Record<string, string>} What is wrong with an address, by the code of the error. */
  address: {
    empty: 'Give the address of a broker.',
    space: 'An address holds no spaces.',
    http: 'This is the address of a web page. A broker starts with ws:// or wss://.',
    scheme: 'A broker starts with ws:// or wss://.',
    host: 'The name of the computer is not right.',
    port: 'The port is a number from 1 to 65535.',
    'board-port': 'Port 1883 is for boards. In the browser, brokers mostly use 8083 or 8084.',
    insecure: 'This page came by https, so the address has to start with wss://.',
  },
  /** @type {Record<string, string>} What is wrong with a topic, by the code of the problem. */
  topic: {
    empty: 'Give a topic.',
    'too-long': 'The topic is too long.',
    'null-character': 'The topic holds a character that MQTT does not allow.',
    'control-character': 'The topic holds a control character.',
    wildcard: 'A message is published to one topic: + and # are for subscribing only.',
    'hash-not-last': '# must be the last character.',
    'hash-not-alone': '# must stand alone between slashes.',
    'plus-not-alone': '+ must stand alone between slashes.',
    'invalid-share': 'A shared subscription is $share/group/topic.',
  },
  editor: {
    missing: 'The Scratch editor is not here. Run npm start, which fetches it.',
    failed: 'The Scratch editor could not be opened.',
    noExtension:
      'The MQTT blocks could not be loaded from mqtt.js. Run npm start, which builds it.',
    noProject: 'The project could not be opened:',
  },
};
