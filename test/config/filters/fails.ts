export default {
  name: 'fails',
};
throw new Error('while it loads');
