/** Fields by which a gateway tells who asked, as a client might try to write them. */
export const forged = [
  'X-User-Id: admin',
  'x-user-id: admin',
  'X-USER-ID: admin',
  'x_user_id: admin',
  'X_User-Id: admin',
  'X-Gateway-Caller: admin',
  'x-gateway-role: admin',
  'X_GATEWAY_CALLER: admin',
];

export const isForged = (fields: readonly string[]): boolean => fields.some((text) => text.includes('admin'));
