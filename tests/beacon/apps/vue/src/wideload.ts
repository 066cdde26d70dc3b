import {init} from '@wideload/beacon';
import {clicks} from '@wideload/beacon/clicks';

export const wideload = init({key: 'shop', endpoint: '/v1/beacon/shop'}, [clicks()]);
