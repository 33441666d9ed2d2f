import { describe, expect, test } from 'vitest'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import type { Graph } from '../../../src/onnx/graph.ts'
import { Message } from '../../../src/onnx/message.ts'
import { TensorField } from '../../../src/onnx/proto.ts'
import { readOnnx } from '../../../src/onnx/read.ts'
import { readTensor } from '../../../src/onnx/tensor-proto.ts'
import { tensorMessage, writeOnnx } from '../../../src/onnx/write.ts'
import { allocate, type DType, dtypes } from '../../../src/tensor/dtype.ts'
import { float32, type Tensor } from '../../../src/tensor/tensor.ts'

function small(): Graph {
  const b = new GraphBuilder('small')
  b.input('x', 'float32', ['n', 4])
  b.initializer('w', float32([4, 2], [1, 2, 3, 4, 5, 6, 7, 8]))
  b.output(b.op('LeakyRelu', [b.op('MatMul', ['x', 'w'])], { alpha: 0.5 }, { name: 'y' }), 'float32', [
    'n',
    2,
  ])
  b.note('recipe', '{"epochs": 3}')
  return b.build()
}

const with_ = (change: Partial<Graph>) => () => readOnnx(writeOnnx({ ...small(), ...change }))

test('what was built is read back, metadata included', () => {
  expect(readOnnx(writeOnnx(small()))).toEqual(small())
})

test.each(dtypes)('%s tensors survive, their last bits included', dtype => {
  const data = allocate(dtype, 4)
  new Uint8Array(data.buffer).forEach((_, i, bytes) => {
    bytes[i] = dtype === 'bool' ? i % 2 : 37 * i + 11
  })
  const value: Tensor = { dtype, shape: [2, 2], data }
  const read = readTensor(tensorMessage(value, 'w').finish())
  expect(read).toEqual({ name: 'w', value })
})

describe('tensors in typed fields', () => {
  const cases: readonly [DType, number, number, number[]][] = [
    ['float32', 1, TensorField.floatData, [0.5, -2]],
    ['int32', 6, TensorField.int32Data, [-7, 2 ** 31 - 1]],
    ['int64', 7, TensorField.int64Data, [-7, 2 ** 40]],
    ['uint64', 13, TensorField.uint64Data, [7, 2 ** 40]],
    ['bool', 9, TensorField.int32Data, [1, 0]],
    ['float16', 10, TensorField.int32Data, [0x3c00, 0xc000]],
    ['int8', 3, TensorField.int32Data, [-7, 127]],
  ]
  test.each(cases)('%s', (dtype, code, field, values) => {
    const message = new Message()
    message.ints(TensorField.dims, [2])
    message.int(TensorField.dataType, code)
    if (dtype === 'float32') message.floats(field, values)
    else message.ints(field, values)
    const { value } = readTensor(message.finish())
    expect(value.dtype).toBe(dtype)
    expect(Array.from(value.data as ArrayLike<number | bigint>, Number)).toEqual(values)
  })

  test('a field of another type is not taken for the data', () => {
    const message = new Message()
    message.ints(TensorField.dims, [2])
    message.int(TensorField.dataType, 7)
    message.floats(TensorField.floatData, [1.5, 2.5])
    expect(() => readTensor(message.finish())).toThrow('needs 2 int64 values, found 0 values')
  })
})

test('aligned weights are views of the file, others copies', () => {
  const value = float32([2, 512], new Float32Array(1024).fill(3))
  for (const padding of [0, 1, 2, 3]) {
    const bytes = tensorMessage(value, 'w'.repeat(1 + padding)).finish()
    const { data } = readTensor(bytes).value
    const at = bytes.length - 4096
    expect(data.buffer === bytes.buffer).toBe(at % 4 === 0)
    expect(data).toEqual(value.data)
  }
})

test('a long model is not copied while it is taken apart', () => {
  const graph: Graph = { ...small(), initializers: new Map([['w', float32([4, 2], new Float32Array(8))]]) }
  // A Buffer is a view of a pool: offsets into it must not be taken for offsets of the file.
  const pooled = Buffer.concat([Buffer.alloc(3), writeOnnx(graph)]).subarray(3)
  expect(readOnnx(pooled)).toEqual(graph)
})

test('Constant nodes and shared weights become initializers', () => {
  const b = new GraphBuilder('constants')
  b.input('x', 'float32', [2])
  b.initializer('w', float32([2], [1, 2]))
  const five = b.op('Constant', [], { value: float32([], [5]) }, { name: 'five' })
  const shared = b.op('Identity', ['w'], {}, { name: 'shared' })
  b.output(b.op('Sum', ['x', five, shared], {}, { name: 'y' }), 'float32', [2])
  const graph = readOnnx(writeOnnx(b.build()))
  expect(graph.nodes.map(node => node.opType)).toEqual(['Sum'])
  expect(graph.initializers.get('five')).toEqual(float32([], [5]))
  expect(graph.initializers.get('shared')).toEqual(float32([2], [1, 2]))
})

test('initializers that old files list as inputs are no inputs', () => {
  const graph = small()
  const inputs = [...graph.inputs, { name: 'w', dtype: 'float32' as const, shape: [4, 2] }]
  expect(readOnnx(writeOnnx({ ...graph, inputs })).inputs).toEqual(graph.inputs)
})

describe('refuses', () => {
  const node = small().nodes[0]!
  const cases: readonly [string, () => unknown, string][] = [
    ['an empty file', () => readOnnx(new Uint8Array()), 'not a valid ONNX file: it is empty'],
    [
      'a PyTorch checkpoint',
      () => readOnnx(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0)),
      'not an ONNX file: it is a zip archive, perhaps a PyTorch checkpoint',
    ],
    [
      'text',
      () => readOnnx(new TextEncoder().encode('{"model": "resnet"}')),
      'not a valid ONNX file: it is damaged or of another format (byte 0 of the 19 of the model)',
    ],
    [
      'a truncated file',
      () => readOnnx(writeOnnx(small()).subarray(0, 100)),
      'not a valid ONNX file: it is truncated (byte 18 of the 100 of the model)',
    ],
    ['opset 6', with_({ opsets: new Map([['', 6]]) }), 'graph small is of opset 6, supported are 7 to 23'],
    ['opset 24', with_({ opsets: new Map([['', 24]]) }), 'graph small is of opset 24, supported are 7 to 23'],
    [
      'an unknown domain',
      with_({
        nodes: [{ ...node, domain: 'ai.acme' }, small().nodes[1]!],
        opsets: new Map([
          ['', 20],
          ['ai.acme', 1],
        ]),
      }),
      'node matmul (MatMul) belongs to the operator domain ai.acme, which is not supported (known: ai.onnx, com.microsoft)',
    ],
    [
      'a missing weight',
      with_({ initializers: new Map() }),
      'node matmul (MatMul) reads w, which nothing in the graph defines',
    ],
    [
      'nodes out of order',
      with_({ nodes: [...small().nodes].reverse() }),
      'node y (LeakyRelu) reads matmul before node matmul (MatMul) defines it: nodes must stand in topological order',
    ],
    [
      'a value defined twice',
      with_({ nodes: [node, node] }),
      'graph value matmul is defined twice (again by node matmul (MatMul))',
    ],
    [
      'weights that do not fill their shape',
      with_({ initializers: new Map([['w', { ...float32([2], [1, 2]), shape: [4, 2] }]]) }),
      'tensor w of shape [4, 2] needs 8 float32 values, found 8 bytes',
    ],
    [
      'an operator of opset 23 without older form',
      with_({
        nodes: [{ ...node, opType: 'Attention' }, small().nodes[1]!],
        opsets: new Map([['', 23]]),
      }),
      'node matmul (Attention) of opset 23 cannot be restated at opset 20: export the model at opset 20',
    ],
  ]
  test.each(cases)('%s', (_, run, message) => {
    expect(run).toThrow(
      expect.objectContaining({ name: 'InputError', message: expect.stringContaining(message) }),
    )
  })

  test('graphs nested without end', () => {
    let bytes: Uint8Array = new Uint8Array()
    const wrap = (field: number) => {
      const message = new Message()
      if (field === 5) message.string(4, 'If')
      if (field === 6) message.int(20, 5)
      message.bytes(field, bytes)
      bytes = message.finish()
    }
    // Attribute.g in Node.attribute in Graph.node, 1000 deep.
    for (let depth = 0; depth < 1000; depth++) for (const field of [6, 5, 1]) wrap(field)
    const model = new Message()
    model.bytes(7, bytes)
    const opset = new Message()
    opset.int(2, 20)
    model.message(8, opset)
    expect(() => readOnnx(model.finish())).toThrow('graphs nest deeper than 16')
  })
})
