export default {
  name: 'audit',
  stage: 'post',
  schema: {
    type: 'object',
    properties: {
      header: { type: 'string', default: 'x-audit' },
      deep: { type: 'object', properties: { list: { type: 'array', items: { type: 'number' } } }, additionalProperties: false },
    },
    additionalProperties: false,
  },
  run() {},
};
