/** Applications as they are sent, in JSON or XML. Nearly all of it is kept: an instance that stays as it is is written once. */
import type { Instance } from '../registry/instance.ts';
import type { Lease } from '../registry/lease.ts';
import { type Detail, documentBeforeLease, documentFromMetadata, instanceDocument, leaseDocument } from './document.ts';
import type { Part } from './parts.ts';
import { writeXml } from './xml.ts';

export type Form = 'json' | 'xml';

/** What goes before and after what is written anew each time. */
interface Around {
  readonly before: string;
  readonly after: string;
}

/** Of all the applications that are told of. */
export interface Heading {
  readonly version: number;
  /** `apps__hashcode` */
  readonly hashCode: string;
}

/** How one of the two forms puts the parts together. */
interface Grammar {
  /** Around the lease, which every heartbeat changes. */
  instance(lease: Lease, detail: Detail): Around;
  /** Numbers all, which need no escaping. */
  lease(fields: object): string;
  readonly between: string;
  application(name: string): Around;
  applications(heading: Heading): Around;
}

const json: Grammar = {
  instance(lease, detail) {
    if (detail === 'compact') return { before: JSON.stringify(instanceDocument(lease, detail)), after: '' };
    const [head, tail] = [JSON.stringify(documentBeforeLease(lease, detail)), JSON.stringify(documentFromMetadata(lease, detail))];
    return { before: `${head.slice(0, -1)},"leaseInfo":`, after: `,${tail.slice(1)}` };
  },
  lease: (fields) => JSON.stringify(fields),
  between: ',',
  application: (name) => ({ before: `{"name":${JSON.stringify(name)},"instance":[`, after: ']}' }),
  applications({ version, hashCode }) {
    const head = JSON.stringify({ versions__delta: String(version), apps__hashcode: hashCode });
    return { before: `{"applications":${head.slice(0, -1)},"application":[`, after: ']}}' };
  },
};

const xml: Grammar = {
  instance(lease, detail) {
    const [head, tail] = [writeXml(documentBeforeLease(lease, detail)), writeXml(documentFromMetadata(lease, detail))];
    return { before: `<instance>${head}`, after: `${tail}</instance>` };
  },
  lease: (fields) =>
    `<leaseInfo>${Object.entries(fields)
      .map(([name, value]) => `<${name}>${value}</${name}>`)
      .join('')}</leaseInfo>`,
  between: '',
  application: (name) => ({ before: `<application>${writeXml({ name })}`, after: '</application>' }),
  applications({ version, hashCode }) {
    const head = writeXml({ versions__delta: String(version), apps__hashcode: hashCode });
    return { before: `<applications>${head}`, after: '</applications>' };
  },
};

const grammars: Readonly<Record<Form, Grammar>> = { json, xml };

/** Bytes, which unlike text in pieces are as small as they look, and ready to be sent. */
interface Kept {
  readonly before: Buffer;
  readonly after: Buffer;
}

export class Texts {
  readonly #grammar: Grammar;
  readonly #detail: Detail;
  /** An instance that changes is another object. */
  readonly #kept = new WeakMap<Instance, Kept>();

  constructor(form: Form, detail: Detail) {
    this.#grammar = grammars[form];
    this.#detail = detail;
  }

  /** The document of these instances in its parts, the applications in the order of their first appearance. */
  applications(leases: Iterable<Lease>, heading: Heading): Part[] {
    const { before, after } = this.#grammar.applications(heading);
    const parts: Part[] = [Buffer.from(before)];
    let first = true;
    for (const [name, members] of Map.groupBy(leases, ({ instance }) => instance.app)) {
      if (!first) parts.push(this.#grammar.between);
      first = false;
      this.#add(parts, name, members);
    }
    parts.push(Buffer.from(after));
    return parts;
  }

  #add(parts: Part[], name: string, leases: readonly Lease[]): void {
    const { before, after } = this.#grammar.application(name);
    parts.push(Buffer.from(before));
    for (const [at, lease] of leases.entries()) {
      if (at > 0) parts.push(this.#grammar.between);
      const kept = this.#of(lease);
      parts.push(kept.before);
      if (this.#detail === 'full') parts.push(this.#grammar.lease(leaseDocument(lease)));
      parts.push(kept.after);
    }
    parts.push(Buffer.from(after));
  }

  #of(lease: Lease): Kept {
    const { instance } = lease;
    let kept = this.#kept.get(instance);
    if (!kept) {
      const { before, after } = this.#grammar.instance(lease, this.#detail);
      kept = { before: Buffer.from(before), after: Buffer.from(after) };
      this.#kept.set(instance, kept);
    }
    return kept;
  }
}
