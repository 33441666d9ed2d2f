// A whole study in a child process, from two untrained networks to a report; killed, stopped, resumed.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { Random } from '../../src/tensor/random.ts'
import { writeTinyStudy } from './tiny-study.ts'
import { main, node, silhouette, workspace } from './workspace.ts'

let config: string
let undisturbed: string
const study = (out: string) => readFileSync(join(out, 'study.json'), 'utf8')
const fresh = () => mkdtempSync(join(workspace, 'run-'))

beforeAll(async () => {
  config = await writeTinyStudy(join(workspace, 'tiny'))
  undisturbed = fresh()
  const { code, out, err } = await silhouette('study', config, '--out', undisturbed)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain(join(undisturbed, 'report.html'))
})

/** What identifies each finished task's file: a rewritten file has another inode and time. */
function ledgerFiles(out: string): Map<string, string> {
  const folder = join(out, 'ledger')
  const names = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.json')) : []
  return new Map(
    names.map(name => {
      const { ino, mtimeNs } = statSync(join(folder, name), { bigint: true })
      return [name, `${ino} ${mtimeNs}`]
    }),
  )
}

describe('a study', () => {
  test('leaves study.json, its tables, report.html, run.json and the ledger, and nothing half-written', () => {
    expect(readdirSync(undisturbed).sort()).toEqual([
      'ablation-hardened.csv',
      'ablation-plain.csv',
      'both-right.txt',
      'images.csv',
      'ledger',
      'report',
      'report.html',
      'run.json',
      'study.json',
      'units.json',
    ])
    expect(readdirSync(join(undisturbed, 'ledger')).filter(name => name.endsWith('.tmp'))).toEqual([])
    const { seconds, chapters } = JSON.parse(readFileSync(join(undisturbed, 'run.json'), 'utf8'))
    expect(Object.keys(chapters)).toContain('ablation')
    for (const own of Object.values(chapters)) {
      expect(own).toBeGreaterThanOrEqual(0)
      expect(own).toBeLessThan(2 * seconds)
    }
    const rows = readFileSync(join(undisturbed, 'images.csv'), 'utf8').trim().split('\n')
    // Two networks; 12 images clean, scrambled, under two noises, in conflict, under 12 distortions; 8 under each
    // of 4 attacks.
    expect(rows).toHaveLength(1 + 2 * (17 * 12 + 4 * 8))
    expect(rows[0]).toBe('condition,model,image,label,texture,decision,correct')
    expect(
      rows
        .filter(row => row.startsWith('cue-conflict,plain,'))
        .every(row => /,(cat|dog),(cat|dog),(cat|dog),[01]$/.test(row)),
    ).toBe(true)
  })

  test('gives the same bytes elsewhere and on one core, and prints them under --json', async () => {
    const out = fresh()
    const args = ['--threads', '1', '--json', '--quiet']
    const { code, out: text } = await silhouette('study', config, '--out', out, ...args)
    expect(code).toBe(0)
    expect(study(out)).toBe(study(undisturbed))
    expect(JSON.parse(text)).toEqual({ ...JSON.parse(study(out)), report: join(out, 'report.html') })
    expect(readFileSync(join(out, 'images.csv'))).toEqual(readFileSync(join(undisturbed, 'images.csv')))
  })

  test('repeats no finished task, and another seed is another study', async () => {
    const before = ledgerFiles(undisturbed)
    expect((await silhouette('study', config, '--out', undisturbed)).out).toContain(
      `${before.size} of them done before`,
    )
    expect(ledgerFiles(undisturbed)).toEqual(before)
    const out = fresh()
    await silhouette('study', config, '--out', out, '--seed', '5')
    expect(JSON.parse(study(out)).seed).toBe(5)
    expect([...ledgerFiles(out).keys()]).not.toEqual([...before.keys()])
  })

  test('killed at random points and started again: the same study.json, no finished task repeated', async () => {
    const out = fresh()
    const random = new Random(Date.now())
    let kills = 0
    for (let attempt = 0; attempt < 30; attempt++) {
      const before = ledgerFiles(out)
      const finished = await node([main, 'study', config, '--out', out], {
        started(child) {
          // Later and later, so that the study ends at last on a slow machine, too.
          setTimeout(() => child.kill('SIGKILL'), random.uniform(150, 600) * 1.25 ** attempt)
        },
      })
      const after = ledgerFiles(out)
      for (const [name, file] of before) expect(after.get(name), `${name} was run again`).toBe(file)
      if (finished.signal === null) {
        expect(finished.code).toBe(0)
        break
      }
      kills++
      if (existsSync(join(out, 'study.json'))) expect(study(out)).toBe(study(undisturbed))
    }
    expect(kills).toBeGreaterThan(0)
    expect(study(out)).toBe(study(undisturbed))
    expect(readFileSync(join(out, 'report.html'))).toEqual(readFileSync(join(undisturbed, 'report.html')))
  })

  test('stopped by Ctrl-C: exit code 130, one sentence, finished work kept', async () => {
    const out = fresh()
    const {
      code,
      out: text,
      err,
    } = await node([main, 'study', config, '--out', out], {
      started(child) {
        const poll = setInterval(() => {
          if (ledgerFiles(out).size === 0) return
          clearInterval(poll)
          child.kill('SIGINT')
        }, 2)
        child.on('exit', () => clearInterval(poll))
      },
    })
    expect({ code, text, err }).toEqual({
      code: 130,
      text: '',
      err: 'silhouette: interrupted; finished work is kept\n',
    })
    expect(ledgerFiles(out).size).toBeGreaterThan(0)
    expect(existsSync(join(out, 'study.json'))).toBe(false)
    expect((await silhouette('study', config, '--out', out)).code).toBe(0)
    expect(study(out)).toBe(study(undisturbed))
  })

  test.skipIf(process.platform !== 'linux')(
    'a worker that is killed is named, and the study goes on when started again',
    async () => {
      const out = fresh()
      const { code, err } = await node([main, 'study', config, '--out', out], {
        started(child) {
          const children = `/proc/${child.pid}/task/${child.pid}/children`
          const poll = setInterval(() => {
            if (ledgerFiles(out).size === 0) return
            clearInterval(poll)
            const [worker] = readFileSync(children, 'utf8').trim().split(' ')
            process.kill(Number(worker), 'SIGKILL')
          }, 2)
          child.on('exit', () => clearInterval(poll))
        },
      })
      expect({ code, err }).toEqual({
        code: 2,
        err: expect.stringMatching(
          /^silhouette: a worker ended in the middle of .+ \(SIGKILL\); finished work is kept: .+\n$/,
        ),
      })
      expect((await silhouette('study', config, '--out', out)).code).toBe(0)
      expect(study(out)).toBe(study(undisturbed))
    },
  )

  test('--retrain trains both networks into the run folder, once', async () => {
    const train = 'train: { arch: mini-res, width: 4, size: 16, data: images, epochs: 2, batchSize: 4 }'
    const adversarial = train.replace(' }', ', adversarial: { norm: L2, epsilon: 1, steps: 2 } }')
    const retrained = join(workspace, 'tiny', 'retrain.yaml')
    writeFileSync(
      retrained,
      readFileSync(config, 'utf8')
        .replace('path: plain.onnx', `path: plain.onnx, ${train}`)
        .replace('path: hardened.onnx', `path: hardened.onnx, ${adversarial}`),
    )
    const out = fresh()
    const first = await silhouette('study', retrained, '--out', out, '--retrain')
    expect(first).toMatchObject({ code: 0, err: '' })
    const { models } = JSON.parse(study(out))
    expect(models.standard.log).toHaveLength(2)
    expect(models.robust.log[1].epsilon).toBe(1)
    expect(models.robust.provenance.recipe.adversarial.norm).toBe('L2')
    const before = [study(out), ...ledgerFiles(out)]
    expect((await silhouette('study', retrained, '--out', out, '--retrain')).code).toBe(0)
    expect([study(out), ...ledgerFiles(out)]).toEqual(before)
  })

  test('--retrain needs a recipe', async () => {
    const { code, err } = await silhouette('study', config, '--out', fresh(), '--retrain')
    expect(code).toBe(2)
    expect(err).toBe(
      'silhouette: models.standard of the config has no train section, so it cannot be trained again\n',
    )
  })

  test('its report can be rendered again, elsewhere', async () => {
    // Under the same name, since pages refer to the folder that is called as the report is.
    const file = join(fresh(), 'report.html')
    expect(await silhouette('report', undisturbed, '--out', file)).toMatchObject({
      code: 0,
      out: `${file}\n`,
      err: '',
    })
    expect(readFileSync(file)).toEqual(readFileSync(join(undisturbed, 'report.html')))
  })

  test('a damaged entry of the ledger is named, not believed', async () => {
    const out = fresh()
    await silhouette('study', config, '--out', out)
    const [name = ''] = ledgerFiles(out).keys()
    const entry = join(out, 'ledger', name)
    writeFileSync(entry, readFileSync(entry, 'utf8').slice(0, 100))
    const { code, err } = await silhouette('study', config, '--out', out)
    expect(code).toBe(2)
    expect(err).toContain(`${entry} (`)
    expect(err).toContain('delete the file to run it again')
    rmSync(entry)
    expect((await silhouette('study', config, '--out', out)).code).toBe(0)
    expect(study(out)).toBe(study(undisturbed))
  })
})
