export default { name: 'no-stage', run() {} };
