/** `*` with credentials is refused by every browser, and would hand every page the user's session if it were not. */

import { error, type Remark, warning } from '../finding.ts';
import type { Check } from './check.ts';

export const cors: Check = ({ public: { cors: config } }) => {
  if (config === undefined) return [];
  const star = config.origins.indexOf('*');
  const remarks: Remark[] = [];
  if (star !== -1 && config.credentials)
    remarks.push(
      error(['public', 'cors', 'origins', star], 'cannot be * with credentials: true; name the origins', {
        from: [['public', 'cors', 'credentials']],
      }),
    );
  if (star !== -1 && config.origins.length > 1)
    remarks.push(warning(['public', 'cors', 'origins'], 'has * beside other origins, which * makes superfluous'));
  return remarks;
};
