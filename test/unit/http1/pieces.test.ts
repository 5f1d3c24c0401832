import { expect } from 'chai';
import { copied, giveBack, LARGEST } from '../../../core/http1/pieces.ts';

describe('pieces of bodies', () => {
  const sizes = [0, 1, 4095, 4096, 4097, 8192, 65_535, 65_537, LARGEST - 1, LARGEST, LARGEST + 1];

  it('are copies of what they were made of, of every size', () => {
    for (const size of sizes) {
      const bytes = Buffer.alloc(size, 'abc');
      const piece = copied(bytes);
      bytes.fill(0);
      expect(piece.equals(Buffer.alloc(size, 'abc')), `${size}`).to.equal(true);
    }
  });

  it('are in memory of their own until they are given back', () => {
    const held = Array.from({ length: 100 }, (_, number) => copied(Buffer.alloc(5000 + number, number)));
    for (const [number, piece] of held.entries()) if (number % 2 === 0) giveBack(piece);
    for (let number = 0; number < 100; number += 1) copied(Buffer.alloc(6000, 255));
    for (const [number, piece] of held.entries())
      if (number % 2 === 1) expect(piece.equals(Buffer.alloc(5000 + number, number)), `${number}`).to.equal(true);
  });

  it('are in the same memory again, once it was given back', () => {
    const first = copied(Buffer.alloc(20_000));
    giveBack(first);
    expect(copied(Buffer.alloc(30_000)).buffer).to.equal(first.buffer);
  });

  it('that are given back twice are in nobody’s hands twice', () => {
    const piece = copied(Buffer.alloc(20_000));
    giveBack(piece);
    giveBack(piece);
    giveBack(Buffer.alloc(20_000));
    const [one, other] = [copied(Buffer.alloc(20_000)), copied(Buffer.alloc(20_000))];
    expect(one.buffer).not.to.equal(other.buffer);
  });

  it('take at most twice the memory of what is in them', () => {
    for (const size of sizes.filter((one) => one >= 4096)) expect(copied(Buffer.alloc(size)).buffer.byteLength).to.be.at.most(2 * size);
  });
});
