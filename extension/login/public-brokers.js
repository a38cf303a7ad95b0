// @ts-check
// Brokers that are there for everybody: whoever connects can read what others publish.

/** Those of CodeLab, whose login is public too. */
export const CODELAB_BROKERS = ['mqtt.longan.link', 'iot.codelab.club', 'mqtt.aimaker.space'];

/** Those that programs for MQTT and books name. */
const TEST_BROKERS = [
  'broker-cn.emqx.io',
  'broker.emqx.io',
  'broker.hivemq.com',
  'broker.mqttdashboard.com',
  'mqtt-dashboard.com',
  'mqtt.eclipseprojects.io',
  'public.mqtthq.com',
  'test.mosquitto.org',
];

/**
 * By its name only: another one that lets anybody in may be out of reach for anybody but a school.
 *
 * @param {string} host
 */
export const isPublicBroker = (host) =>
  [...CODELAB_BROKERS, ...TEST_BROKERS].includes(host.toLowerCase().replace(/\.$/, ''));
