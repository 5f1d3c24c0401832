export default { name: 'needs', stage: 'pre', schema: { type: 'object', required: ['key'] }, run() {} };
