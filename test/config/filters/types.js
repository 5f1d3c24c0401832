import { Filter } from 'postern/filter';

void Filter;
export default { name: 'types', stage: 'pre', run() {} };
