// Read by lux.js when it starts. https://support.speedcurve.com/docs/rum-js-api
window.LUX = {
  customerid: 1,
  beaconUrl: INGEST + '/lux/',
  beaconUrlV2: INGEST + '/store/',
  errorBeaconUrl: INGEST + '/error/',
  samplerate: 100,
  spaMode: true,
};
