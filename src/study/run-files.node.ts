// The files of a run folder, in one place.

import { join } from 'node:path'

/** Paths in the run folder `folder`. */
export function runFiles(folder: string) {
  return {
    ledger: join(folder, 'ledger'),
    /** What was found; the same bytes for the same study. */
    study: join(folder, 'study.json'),
    /** What is known of every unit of both networks. */
    units: join(folder, 'units.json'),
    /** When and for how long it ran, and how long each chapter took. */
    run: join(folder, 'run.json'),
    /** Every decision about every image. */
    images: join(folder, 'images.csv'),
    report: join(folder, 'report.html'),
    /** Networks trained by the study. */
    checkpoints: join(folder, 'checkpoints'),
  }
}

/** Path of a finished task's entry. */
export function ledgerEntry(ledger: string, hash: string): string {
  return join(ledger, `${hash}.json`)
}

/** Path of a picture of a finished task. */
export function ledgerPicture(ledger: string, hash: string, name: string): string {
  return join(ledger, `${hash}.${name.endsWith('.webp') ? name : `${name}.png`}`)
}
