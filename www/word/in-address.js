// @ts-check

/** What a QR code brought along behind `#`, where it goes to no server. @returns {string} */
export function wordInAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return '';
  }
}
