/** The version and the commit, which the build writes in its place: `0.1.0+1a2b3c4d`. Sources have none. */
declare const SCRATCH_MQTT_BUILD: string | undefined;
