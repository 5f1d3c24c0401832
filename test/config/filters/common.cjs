module.exports = { name: 'common', stage: 'pre', run() {} };
