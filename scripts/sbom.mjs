// @ts-check
/** Lists of others' code for programs: CycloneDX, without a date or a number of chance, so that a build is the same again. */
import { createHash } from 'node:crypto';
import { addressOf, nameOf, merged } from './components.mjs';

/** @typedef {import('./components.mjs').Component} Component */
/** @typedef {typeof import('@cyclonedx/cyclonedx-library')} CycloneDX */

/** The end of the name of such a list. */
export const SBOM = '.cdx.json';

/**
 * @param {object} artifact
 * @param {string} artifact.name
 * @param {string} artifact.version
 * @param {'application' | 'library'} artifact.type
 * @param {Uint8Array} artifact.bytes
 * @param {readonly Component[]} components What is in it.
 */
export async function sbomOf({ name, version, type, bytes }, components) {
  const library = await import('@cyclonedx/cyclonedx-library');
  const { Enums, Models, Serialize, Spec } = library;
  const bom = new Models.Bom();
  const whole = new Models.Component(
    Enums.ComponentType[type === 'library' ? 'Library' : 'Application'],
    name,
    {
      bomRef: `${name}@${version}`,
      version,
    },
  );
  whole.licenses.add(new Models.SpdxLicense('MPL-2.0'));
  whole.hashes.set(Enums.HashAlgorithm['SHA-256'], sha256(bytes));
  bom.metadata.component = whole;
  const all = merged(components);
  const parts = new Map(all.map((one) => [nameOf(one), partOf(one, library)]));
  const used = new Set(all.flatMap(({ uses = [] }) => uses));
  for (const [own, one] of parts) {
    bom.components.add(one);
    if (!used.has(own)) whole.dependencies.add(one.bomRef);
  }
  for (const component of all) {
    for (const other of component.uses ?? []) {
      const ref = parts.get(other)?.bomRef;
      if (ref !== undefined) parts.get(nameOf(component))?.dependencies.add(ref);
    }
  }
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  const serializer = new Serialize.JsonSerializer(factory);
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

/**
 * @param {Component} component
 * @param {CycloneDX} library
 */
function partOf(component, { Enums, Models }) {
  const address = addressOf(component);
  const one = new Models.Component(Enums.ComponentType.Library, component.name, {
    bomRef: address,
    purl: address,
    version: component.version,
    scope: Enums.ComponentScope[component.isOnlyForBuilding === true ? 'Excluded' : 'Required'],
  });
  const { license } = component;
  const isOne = /^\S+$/.test(license);
  one.licenses.add(isOne ? new Models.SpdxLicense(license) : new Models.LicenseExpression(license));
  if (component.sum)
    one.hashes.set(Enums.HashAlgorithm[component.sum.algorithm], component.sum.hex);
  if (component.source !== undefined) {
    const { VCS } = Enums.ExternalReferenceType;
    one.externalReferences.add(new Models.ExternalReference(component.source, VCS));
  }
  return one;
}

/** @param {Uint8Array | string} bytes */
export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
